/**
 * One engine alone (experiments.md §1): its slots, in order, are the order. Clients' requests go to
 * the primary; every replica executes what is decided.
 *
 * <p>{@code Single} dispatches, {@code Requests} knows what is to be proposed and watches that it
 * is, {@code SlotOrder} executes, {@code TimedBatch} is what a slot agrees on. Knows engines only
 * as {@link io.destiny.core.engine.ConsensusEngine}; the instance is numbered {@link
 * io.destiny.core.model.Instances#ORDER}.
 *
 * <p>Where the engine allows it there are P instances, its <b>pillars</b> (hybster.md §3), numbered
 * {@link io.destiny.core.model.Instances#pillar}, with a trusted counter, a sequence and clients
 * each. {@code Pillar} is one of them, {@code Pillars} what they have to do with each other. Slot s
 * of pillar p has the place (s-1)P + p + 1: row after row. A primary that has nothing to propose in
 * a pillar fills the rows that others have begun with no-ops after T_idle, for which T_ob serves.
 * Checkpoints are taken between rows, so that h is the same number everywhere, and epochs end
 * there.
 *
 * <p><b>View changes</b> are not as §3 has them. There a VIEW-CHANGE has one continuing certificate
 * a pillar and is valid with all P; here each pillar has VIEW-CHANGEs and a NEW-VIEW of its own,
 * and a replica that has left for v' in one pillar complains of the others until they are there too
 * ({@code Pillars} has the argument). It is as safe, since §5 resolves each pillar by itself either
 * way and the places follow from the numbers alone. It is live, since complaints of f+1 correct
 * replicas are a proof in every pillar, and what any of them has reached the others are shown.
 * Between the views of two pillars there may be a moment in which two replicas lead; the order then
 * waits for the later one. In return a pillar whose view change is done does not wait for the
 * others', no message holds the logs of P pillars, and one pillar is what it always was.
 */
@NullMarked
package io.destiny.protocols.single;

import org.jspecify.annotations.NullMarked;
