/** The deterministic simulator and its oracles. */
@NullMarked
package io.destiny.sim;

import org.jspecify.annotations.NullMarked;
