package io.destiny.protocols.hybrid;

/**
 * The counters of one trusted subsystem, exact as trusted-subsystem.md §3 and §4 have them. Only
 * the values are kept: what an independent certificate says is in the {@link ModelSoup}.
 */
final class ModelEnclave {
  private static final int SHIFT = 8;

  /** A continuing certificate (F4): nothing is signed in (from, to], now or ever (T3). */
  record Link(int from, int to) {
    @Override
    public String toString() {
      return name(from) + "→" + name(to);
    }
  }

  private int order;
  private int newView;

  /** By view x: the certificate that ends at [x|0]. There is at most one (T4). */
  private final Link[] into;

  ModelEnclave(int views) {
    into = new Link[views];
  }

  /** [view|order] */
  static int value(int view, int order) {
    return (view << SHIFT) | order;
  }

  static int viewOf(int value) {
    return value >> SHIFT;
  }

  static int orderOf(int value) {
    return value & ((1 << SHIFT) - 1);
  }

  static String name(int value) {
    return "[" + viewOf(value) + "|" + orderOf(value) + "]";
  }

  int read() {
    return order;
  }

  /** F1 on ORDER: the new value must be greater. */
  boolean independent(int value) {
    if (value <= order) {
      return false;
    }
    order = value;
    return true;
  }

  /** F4 on ORDER, here only with a growing value; null if refused. */
  Link continuing(int value) {
    if (value <= order) {
      return null;
    }
    Link link = new Link(order, value);
    order = value;
    if (orderOf(value) == 0) {
      into[viewOf(value)] = link;
    }
    return link;
  }

  /** F1 on NEWVIEW: one NEW-VIEW a view. */
  boolean newView(int view) {
    if (view <= newView) {
      return false;
    }
    newView = view;
    return true;
  }

  /** The certificate that ends at [view|0], or null. */
  Link into(int view) {
    return into[view];
  }

  /** Nobody can show the certificate any more. */
  void lose(Link link) {
    into[viewOf(link.to())] = null;
  }

  /** Whether it made this certificate: what a verifier learns from the signature. */
  boolean made(Link link) {
    return orderOf(link.to()) == 0 && link.equals(into[viewOf(link.to())]);
  }
}
