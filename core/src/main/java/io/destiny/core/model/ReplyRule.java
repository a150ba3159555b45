package io.destiny.core.model;

/** When a client believes what replicas answer (00-system-model §6). */
public enum ReplyRule {
  /** f+1 replicas, each over its own connection, say the same. */
  MATCHING,
  /** One reply comes with a π certificate, which anybody can verify alone. */
  AGGREGATED
}
