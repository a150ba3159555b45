package io.destiny.core.kit;

import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shares on the statements of one (view, slot), at most one a signer. Unchecked: only an aggregate
 * is verified, and a single share after it failed (linear-hybster.md §6).
 */
public final class ShareCollector {
  /** No statement has this digest. */
  private static final Digest REJECTED = new Digest(0, 0, 0, 0);

  private Digest[] statements = new Digest[2];
  private Share[] shares = new Share[2];
  private int size;

  /** Bit i%64 of word i/64: replica i has a share here. */
  private long[] signers = new long[1];

  /** The statement asked for last, and how many shares are on it. */
  private Digest counted = REJECTED;

  private int count;

  /** Records a share; false if this signer already has one here. */
  public boolean add(Digest statement, Share share) {
    int word = share.signer() >>> 6;
    if (word >= signers.length) {
      signers = Arrays.copyOf(signers, word + 1);
    }
    long bit = 1L << share.signer();
    if ((signers[word] & bit) != 0) {
      return false;
    }
    signers[word] |= bit;
    if (size == shares.length) {
      statements = Arrays.copyOf(statements, 2 * size);
      shares = Arrays.copyOf(shares, 2 * size);
    }
    statements[size] = statement;
    shares[size++] = share;
    if (statement.equals(counted)) {
      count++;
    }
    return true;
  }

  /** How many shares are on {@code statement}. */
  public int count(Digest statement) {
    if (!statement.equals(counted)) {
      counted = statement;
      count = 0;
      for (int i = 0; i < size; i++) {
        if (statements[i].equals(statement)) {
          count++;
        }
      }
    }
    return count;
  }

  /** The shares on {@code statement} as they came, those of blacklisted signers last. */
  public List<Share> on(Digest statement, Blacklist blacklist, long slot) {
    List<Share> good = new ArrayList<>(size);
    List<Share> doubtful = new ArrayList<>(0);
    for (int i = 0; i < size; i++) {
      if (statements[i].equals(statement)) {
        (blacklist.contains(shares[i].signer(), slot) ? doubtful : good).add(shares[i]);
      }
    }
    good.addAll(doubtful);
    return good;
  }

  /** Who has a share on {@code statement}, in no order. */
  public List<Integer> signers(Digest statement) {
    List<Integer> signers = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      if (statements[i].equals(statement)) {
        signers.add(shares[i].signer());
      }
    }
    return signers;
  }

  /** Forgets a bad share; its signer may not send another one for this slot. */
  public void reject(int signer) {
    for (int i = 0; i < size; i++) {
      if (shares[i].signer() == signer) {
        statements[i] = REJECTED;
      }
    }
    counted = REJECTED;
    count = 0;
  }
}
