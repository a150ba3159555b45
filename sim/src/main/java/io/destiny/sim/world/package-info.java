/** A cluster in virtual time: replicas, links, disks, clients, all in one thread. */
@NullMarked
package io.destiny.sim.world;

import org.jspecify.annotations.NullMarked;
