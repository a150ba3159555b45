package io.destiny.crypto;

/**
 * What clients sign with. Public keys are X.509 SubjectPublicKeyInfo, private keys PKCS#8, both in
 * DER.
 */
public enum ClientAlgorithm {
  /** Signatures of 64 bytes. */
  ED25519,
  /** ECDSA over P-256 with SHA-256; signatures in DER, up to 72 bytes. */
  ECDSA_P256
}
