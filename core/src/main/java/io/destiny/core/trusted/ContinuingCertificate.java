package io.destiny.core.trusted;

/**
 * F4's certificate in SIG mode: checkable by anyone with the attested key.
 *
 * @param replica i
 * @param boot b
 * @param counter the counter's number
 * @param previous the value before
 * @param value tv'
 * @param signature Ed25519, 64 bytes, over S2
 */
public record ContinuingCertificate(
    int replica, long boot, int counter, long previous, long value, byte[] signature) {}
