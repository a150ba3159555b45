/** Oracles: what must hold after every step, written without the code that is under test. */
@NullMarked
package io.destiny.sim.check;

import org.jspecify.annotations.NullMarked;
