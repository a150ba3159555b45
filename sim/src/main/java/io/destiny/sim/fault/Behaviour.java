package io.destiny.sim.fault;

import java.util.Locale;

/** How a replica lies. What it sends is changed on its way out; its own code does not know. */
public enum Behaviour {
  /** Sends nothing. */
  SILENT,
  /** Sends only to some. */
  SELECTIVE,
  /** Proposes one thing to some and another to others, as far as its trusted counter lets it. */
  EQUIVOCATE,
  /** Sends its proposals as late as nobody complains. */
  LATE_ORDER,
  /** Signs other results and other checkpoints than it computed. */
  LIE_EXECUTION,
  /** Sends shares that do not verify. */
  BAD_SHARE,
  /** Is two replicas that share their keys, and their trusted counter if the model has one. */
  TWIN,
  /** Changes, repeats, swaps and transplants all it sends, mostly signed anew with its own keys. */
  MUTATE,
  /** Proposes requests that no client signed. */
  INVENT_REQUESTS,
  /** Proposes in the instances of others. */
  IMPERSONATE,
  /** As O-primary, orders slots that nobody has shown, and slots that are executed. */
  LIE_ORDER,
  /** Serves damaged snapshots. */
  POISON_STATE,
  /** Sends messages about slots that are far away. */
  FLOOD;

  /** As scenario files say it. */
  public String word() {
    StringBuilder word = new StringBuilder();
    for (String part : name().toLowerCase(Locale.ROOT).split("_", -1)) {
      word.append(
          word.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
    }
    return word.toString();
  }
}
