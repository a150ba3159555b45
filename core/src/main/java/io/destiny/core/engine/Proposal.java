package io.destiny.core.engine;

/**
 * A valid, certified proposal.
 *
 * @param leader the leader of its view
 */
public record Proposal(long view, long slot, Value value, int leader) {}
