/** A small protocol that uses every part of the contract, to test the world with. */
@NullMarked
package io.destiny.sim.toy;

import org.jspecify.annotations.NullMarked;
