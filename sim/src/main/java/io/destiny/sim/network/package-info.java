/** Wide-area networks with regions, bandwidth and jitter (experiments.md §2 and §6). */
@NullMarked
package io.destiny.sim.network;

import org.jspecify.annotations.NullMarked;
