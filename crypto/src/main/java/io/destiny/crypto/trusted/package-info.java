/**
 * The trusted subsystem as a process of its own (trusted-subsystem.md §6, §7, §10): the process,
 * its start, and the client that a replica reaches it with.
 *
 * <p>Files in the replica's folder:
 *
 * <ul>
 *   <li>{@code provision.once}: the keys; taken and deleted durably before anything is signed
 *   <li>{@code provision.taken}: the highest epoch whose keys were taken, so that a copy put back
 *       is refused
 *   <li>{@code trusted.sock}: the socket, or a symbolic link to it where the path is too long
 *   <li>{@code trusted.pid}, {@code trusted.lock}, {@code trusted.log}
 * </ul>
 *
 * <p>Counters live in memory only (rule R1): a process that ended cannot be revived, since its keys
 * are gone with it.
 */
@NullMarked
package io.destiny.crypto.trusted;

import org.jspecify.annotations.NullMarked;
