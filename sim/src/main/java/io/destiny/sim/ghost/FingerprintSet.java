package io.destiny.sim.ghost;

/** A growing set of fingerprints, open addressing on one array of longs. Never iterated. */
final class FingerprintSet {
  private long[] words = new long[2048];
  private int size;

  private static int slot(long[] words, long a, long b) {
    int mask = words.length / 2 - 1;
    int i = (int) a & mask;
    while ((words[2 * i] != 0 || words[2 * i + 1] != 0)
        && (words[2 * i] != a || words[2 * i + 1] != b)) {
      i = (i + 1) & mask;
    }
    return 2 * i;
  }

  void add(Fingerprint f) {
    int i = slot(words, f.a(), f.b());
    if (words[i] == f.a() && words[i + 1] == f.b()) {
      return;
    }
    words[i] = f.a();
    words[i + 1] = f.b();
    if (++size * 4 > words.length) {
      grow();
    }
  }

  boolean contains(Fingerprint f) {
    int i = slot(words, f.a(), f.b());
    return words[i] == f.a() && words[i + 1] == f.b();
  }

  private void grow() {
    long[] more = new long[words.length * 2];
    for (int i = 0; i < words.length; i += 2) {
      if (words[i] != 0 || words[i + 1] != 0) {
        int to = slot(more, words[i], words[i + 1]);
        more[to] = words[i];
        more[to + 1] = words[i + 1];
      }
    }
    words = more;
  }
}
