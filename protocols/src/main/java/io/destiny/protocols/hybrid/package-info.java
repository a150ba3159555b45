/**
 * The hybrid view change (hybster.md §5), shared by the engines whose replicas have trusted
 * counters: COMPLAIN first, f+1 complaints release a VIEW-CHANGE with a continuing certificate, a
 * quorum of those makes a NEW-VIEW.
 *
 * <p>{@code ViewChanger} takes in what comes and decides what is done next; {@code Complaints} is
 * rule 8, {@code Leaving} rule 9 with {@code NewViewTimer}, {@code Making} rule 12 at the leader
 * with {@code NewViewMaker}, {@code Entering} rule 13, {@code Validation} rules 10 and 11. What a
 * replica has promised is {@code Promises}, and one record of its log, {@code ViewRecord}.
 *
 * <table>
 *   <caption>Messages</caption>
 *   <tr><td>COMPLAIN</td><td>any to all</td><td>a π share on (inst, v, target)</td></tr>
 *   <tr><td>VIEW-CHANGE</td><td>any to all</td><td>header with F4, chain and complaint proof</td></tr>
 *   <tr><td>VIEW-CHANGE body</td><td>any to the leader of the target</td><td>the proposals</td></tr>
 *   <tr><td>NEW-VIEW</td><td>leader to all</td><td>F1 on the NEWVIEW counter</td></tr>
 *   <tr><td>NVACK, NVPROOF</td><td>to the next leaders, from them to all</td><td>π</td></tr>
 *   <tr><td>ASK, PAYLOAD</td><td>any to any</td><td>bodies, NEW-VIEWs and payloads by digest</td></tr>
 * </table>
 */
@NullMarked
package io.destiny.protocols.hybrid;

import org.jspecify.annotations.NullMarked;
