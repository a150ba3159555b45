/** Closed-loop clients by region, and what they measured (experiments.md §3). */
@NullMarked
package io.destiny.sim.workload;

import org.jspecify.annotations.NullMarked;
