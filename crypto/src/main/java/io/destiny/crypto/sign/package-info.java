/** Ed25519 and ECDSA through the fastest provider that loads. */
@NullMarked
package io.destiny.crypto.sign;

import org.jspecify.annotations.NullMarked;
