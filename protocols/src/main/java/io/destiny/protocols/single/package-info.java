/**
 * One engine alone (experiments.md §1): its slots, in order, are the order. Clients' requests go to
 * the primary; every replica executes what is decided.
 *
 * <p>{@code Single} dispatches, {@code Requests} knows what is to be proposed and watches that it
 * is, {@code SlotOrder} executes, {@code TimedBatch} is what a slot agrees on. Knows engines only
 * as {@link io.destiny.core.engine.ConsensusEngine}; the instance is numbered {@link
 * io.destiny.core.model.Instances#ORDER}.
 */
@NullMarked
package io.destiny.protocols.single;

import org.jspecify.annotations.NullMarked;
