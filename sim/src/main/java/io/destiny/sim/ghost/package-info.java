/**
 * Cryptography that cannot be forged because one ledger knows all that was ever signed: fast, and
 * with the sizes of the real one.
 */
@NullMarked
package io.destiny.sim.ghost;

import org.jspecify.annotations.NullMarked;
