/** Signatures, aggregates, MACs and the trusted subsystem. */
@NullMarked
package io.destiny.crypto;

import org.jspecify.annotations.NullMarked;
