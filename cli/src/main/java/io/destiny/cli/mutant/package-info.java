/** Seeded bugs: patches of the sources that the simulator's oracles must catch. */
@NullMarked
package io.destiny.cli.mutant;

import org.jspecify.annotations.NullMarked;
