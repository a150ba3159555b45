/**
 * SBFT with c = 0 (sbft.md): BFT model, N = 3f+1, linear messages through collectors, two paths.
 *
 * <table>
 * <caption>Messages of its own</caption>
 * <tr><td>{@code SignShare}</td><td>replica to collectors</td><td>a share on h: the proposal is accepted; it serves as σ and as τ</td></tr>
 * <tr><td>{@code FullCommitProof}</td><td>collector to all</td><td>all N shares on h: committed on the fast path</td></tr>
 * <tr><td>{@code PrepareProof}</td><td>collector to all</td><td>PREPARE: Q shares on h</td></tr>
 * <tr><td>{@code CommitShare}</td><td>replica to collectors</td><td>COMMIT: a share on h2</td></tr>
 * <tr><td>{@code FullCommitProofSlow}</td><td>collector to all</td><td>Q shares on h and Q on h2</td></tr>
 * </table>
 *
 * <p>The engine, its proposals and its repair are the family's ({@link
 * io.destiny.protocols.threephase}). {@code Collecting} is §4 rules 2, 5 and 8 with {@code
 * SbftSlot} as the state of one sequence number, {@code Collector} rules 3, 4 and 6 with {@code
 * FastPath} for T_fast, and {@code Proofs} rule 7; {@code SlotEvidence} is rule 13, {@code
 * SafeValue} rule 16. SIGN-STATE, FULL-EXECUTE-PROOF and EXECUTE-ACK (rule 9) are the composer's
 * proofs of execution.
 */
@NullMarked
package io.destiny.protocols.sbft;

import org.jspecify.annotations.NullMarked;
