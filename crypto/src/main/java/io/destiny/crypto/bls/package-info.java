/**
 * BLS signatures on BLS12-381, signatures in G1 and keys in G2, over blst's C interface.
 *
 * <p>The native library is the one inside jblst's jar. Its C interface is called directly, through
 * java.lang.foreign, because jblst's Java classes lack multi-scalar multiplication, bulk addition
 * and precomputed lines, and because one representation of points is simpler than two.
 */
@NullMarked
package io.destiny.crypto.bls;

import org.jspecify.annotations.NullMarked;
