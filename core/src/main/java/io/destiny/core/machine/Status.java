package io.destiny.core.machine;

import io.destiny.core.model.Digest;
import java.util.SortedMap;

/**
 * A replica's state in a few figures.
 *
 * @param views the view of each instance by its name, such as {@code D0} or {@code O}
 * @param executed the global position of the last executed slot
 * @param commands commands executed since the cluster began, duplicates not counted
 * @param checkpoint the O-slot of the last stable checkpoint
 * @param stateDigest the digest of the last checkpoint taken
 * @param pending requests held that are not executed
 * @param slots slots of which something is held in memory, over all instances
 * @param catchingUp whether it is behind and transferring state
 */
public record Status(
    SortedMap<String, Long> views,
    long executed,
    long commands,
    long checkpoint,
    Digest stateDigest,
    int pending,
    int slots,
    boolean catchingUp) {}
