/** Cores, stages and what work costs (experiments.md §6). Protocols never state costs. */
@NullMarked
package io.destiny.sim.cpu;

import org.jspecify.annotations.NullMarked;
