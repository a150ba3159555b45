package io.destiny.crypto;

/** How shares become certificates, the same in the whole cluster (trusted-subsystem.md §6). */
public enum Scheme {
  /** Each replica has its own key; a certificate is a sum of signatures and a bitmap of signers. */
  MULTI_SIGNATURE,
  /** A dealer shares out one key; a certificate is the one signature of the group. */
  THRESHOLD
}
