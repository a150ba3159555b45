package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Share;
import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.ShareCollector;
import org.jspecify.annotations.Nullable;

/** The votes for one sequence number, cast and collected. */
final class SbftSlot {
  // ---- of the view entered last

  /** Shares on h by the value that they are for, this replica's included. */
  ShareCollector accepts = new ShareCollector();

  /** Shares on h2, likewise. */
  ShareCollector commits = new ShareCollector();

  /** This replica's share on h. */
  @Nullable Share accept;

  /** This replica's share on h2. */
  @Nullable Share commit;

  /** Shares come here, or this replica is the first collector or its own fall-back. */
  boolean collecting;

  /** When a quorum's shares were here; 0: they are not. */
  long quorumAt;

  /** T_fast is over, or was none. */
  boolean slow;

  boolean combiningFast;

  /** The fast path is closed: a share was bad. */
  boolean failedFast;

  boolean combiningPrepare;
  boolean combiningSlow;

  /** τ(h) of this view, verified. */
  @Nullable PrepareCertificate certificate;

  boolean checkingCertificate;

  /** How long the last share took is known. */
  boolean sampled;

  long waitingSince;

  /** Made when T_col first expires, which is rare. */
  @Nullable FallBack fallBack;

  // ---- for good

  /** Prep[s]: the certificate of the highest view, which is in the log. */
  @Nullable PrepareCertificate prepared;

  @Nullable CommitProof proof;

  /** This collector has sent all a proof. */
  boolean announced;

  /** A proof that is being verified, and one that came meanwhile. */
  SbftMessage.@Nullable FullCommitProof checking;

  SbftMessage.@Nullable FullCommitProof spare;
  int spareFrom;

  /** Another view is entered: its votes are others. */
  void beginView() {
    accepts = new ShareCollector();
    commits = new ShareCollector();
    accept = null;
    commit = null;
    collecting = false;
    quorumAt = 0;
    slow = false;
    combiningFast = false;
    failedFast = false;
    combiningPrepare = false;
    combiningSlow = false;
    certificate = null;
    checkingCertificate = false;
    sampled = false;
    fallBack = null;
  }
}
