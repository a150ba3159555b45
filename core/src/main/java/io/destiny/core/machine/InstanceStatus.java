package io.destiny.core.machine;

import java.util.List;

/**
 * What an operator sees of one instance: how far it is, and what the lowest slot that is not
 * decided lacks.
 *
 * @param name such as {@code D0} or {@code O}
 * @param view the present view
 * @param entered whether that view was entered
 * @param leader the replica that leads it
 * @param stable the low watermark
 * @param decided every slot up to here is decided here, payload included
 * @param highest highest slot known of here
 * @param ordered accepted lists name slots up to here; of the O-instance itself: as decided
 * @param demanded committed lists name slots up to here; of the O-instance itself: as decided
 * @param executed every slot up to here is executed here
 * @param open the slot after {@code decided} if it is known of or named, otherwise 0
 * @param proposed the open slot's certified proposal is held here
 * @param payload its payload is held here
 * @param committed its commitment is held here
 * @param votes the replicas whose votes on it are held here, in order
 */
public record InstanceStatus(
    String name,
    long view,
    boolean entered,
    int leader,
    long stable,
    long decided,
    long highest,
    long ordered,
    long demanded,
    long executed,
    long open,
    boolean proposed,
    boolean payload,
    boolean committed,
    List<Integer> votes) {}
