package io.destiny.client;

/**
 * What a client has done since it began.
 *
 * @param requestsSent requests, repetitions not counted
 * @param repetitions how often a request went to all replicas
 * @param homesAskedFor how often a session asked for another home
 * @param repliesVerified answers whose path leads to a root whose proof this client verified
 * @param rootsVerified proofs of roots that were verified, once a root
 * @param answersWithoutProof answers accepted because f+1 replicas said the same
 * @param repliesIgnored replies that were malformed, late, or did not hold
 */
public record ClientCounters(
    long requestsSent,
    long repetitions,
    long homesAskedFor,
    long repliesVerified,
    long rootsVerified,
    long answersWithoutProof,
    long repliesIgnored) {}
