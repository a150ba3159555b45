/**
 * Faults of networks, machines, disks and trusted subsystems, Byzantine replicas, and the swarm.
 */
@NullMarked
package io.destiny.sim.fault;

import org.jspecify.annotations.NullMarked;
