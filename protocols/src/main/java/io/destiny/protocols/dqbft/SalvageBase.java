package io.destiny.protocols.dqbft;

import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.composition.Farewell;
import io.destiny.core.composition.Recovery;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoint that a {@link Salvage} starts from. One replica's word is not enough for it: it is
 * certified by f+1 replicas of its epoch, by f+1 of the epoch before, whose last it is, or by the
 * administrators, who began the epoch with it.
 */
public final class SalvageBase {
  /** The record of the administrators' word: slot 0, so that no truncation removes it. */
  private static final int RECOVERED = 102;

  /** A snapshot that is what somebody trustworthy says it is, and who holds it. */
  public record Proven(int replica, Input.SavedCheckpoint checkpoint) {}

  /** Whether a signature of a statement is the administrators'. */
  @FunctionalInterface
  public interface Administrators {
    boolean signed(byte[] statement, byte[] signature);
  }

  /**
   * A statement that proves a state.
   *
   * @param domain of the epoch in which {@code state} is its digest
   * @param ends whether it counts only of the state that ended its epoch
   */
  private record Claim(
      int replica, Domain domain, long slot, Digest state, boolean ends, Predicate<Claim> holds) {}

  private final Settings settings;
  private final LogSurvey.Judge judge;
  private final Predicate<Work> former;
  private final Administrators administrators;

  /**
   * @param settings of the epoch
   * @param judge checks its certificates
   * @param former checks those of the epoch before; false where that one's keys are not known
   */
  public SalvageBase(
      Settings settings,
      LogSurvey.Judge judge,
      Predicate<Work> former,
      Administrators administrators) {
    this.settings = settings;
    this.judge = judge;
    this.former = former;
    this.administrators = administrators;
  }

  /** The record with which the administrators vouch for the state that an epoch begins with. */
  public static LogRecord vouch(
      Domain begun, long from, long slot, List<List<Digest>> chunks, UnaryOperator<byte[]> signer) {
    Digest state = state(new Domain(begun.cluster(), from), slot, chunks);
    byte[] signature = signer.apply(begun.recovery(from, slot, state));
    Writer w = new Writer(128).u32(from).u64(slot).digest(state).bytes(signature);
    return new LogRecord(Instances.ORDER, 0, RECOVERED, 0, w.toBytes());
  }

  private static Digest state(Domain domain, long slot, List<List<Digest>> chunks) {
    return domain.checkpointState(slot, chunks.stream().map(MerkleTree::root).toList());
  }

  /** All proven snapshots, the newest first. */
  public List<Proven> find(List<Salvage.Holding> holdings) {
    List<Claim> claims = claims(holdings);
    List<Proven> proven = new ArrayList<>();
    for (Salvage.Holding h : holdings) {
      for (Input.SavedCheckpoint snapshot : h.snapshots()) {
        List<List<Digest>> chunks = Recovery.digests(snapshot.application(), snapshot.parts());
        if (claims.stream().anyMatch(c -> fits(c, snapshot.slot(), chunks))) {
          proven.add(new Proven(h.replica(), snapshot));
        }
      }
    }
    proven.sort(Comparator.comparingLong((Proven p) -> p.checkpoint().slot()).reversed());
    return proven;
  }

  private static boolean fits(Claim claim, long slot, List<List<Digest>> chunks) {
    return claim.slot == slot && claim.state.equals(state(claim.domain, slot, chunks));
  }

  /**
   * Any stable checkpoint of the epoch before has a certificate. One that is not the last, called
   * the beginning of this epoch, would hide all that was ordered above it.
   */
  private boolean refuted(Claim claim, List<Salvage.Holding> holdings) {
    return claim.ends
        && holdings.stream()
            .flatMap(h -> h.snapshots().stream())
            .filter(s -> fits(claim, s.slot(), Recovery.digests(s.application(), s.parts())))
            .anyMatch(s -> !ended(CheckpointParts.of(s.parts())));
  }

  private boolean ended(CheckpointParts parts) {
    Reconfiguration ending = parts.ending();
    return ending != null && ending.epoch() == settings.domain().epoch();
  }

  /** The O-slot of the newest state that somebody trustworthy speaks of; 0 if there is none. */
  public long newest(List<Salvage.Holding> holdings) {
    return claims(holdings).stream().mapToLong(Claim::slot).max().orElse(0);
  }

  private List<Claim> claims(List<Salvage.Holding> holdings) {
    List<Claim> claims = new ArrayList<>();
    for (Salvage.Holding h : holdings) {
      for (LogRecord record : h.records()) {
        try {
          Claim claim = claim(h.replica(), record);
          if (claim != null && claim.holds.test(claim)) {
            if (refuted(claim, holdings)) {
              judge.rejected(
                  h.replica(),
                  "the checkpoint at " + claim.slot + " did not end the epoch before this one");
            } else {
              claims.add(claim);
            }
          } else if (claim != null) {
            judge.rejected(
                h.replica(),
                "what it says of the checkpoint at " + claim.slot + " does not verify");
          }
        } catch (MalformedException e) {
          judge.rejected(h.replica(), "its record of a checkpoint is damaged");
        }
      }
    }
    return claims;
  }

  private @Nullable Claim claim(int replica, LogRecord record) throws MalformedException {
    Domain present = settings.domain();
    Recovery.Stable stable = Recovery.Stable.of(record, settings.n());
    if (stable != null) {
      return certified(replica, present, stable.proof(), false, judge::holds);
    }
    KitMessage.CheckpointProof last = Farewell.read(record);
    if (last != null && present.epoch() > 0) {
      Domain before = new Domain(present.cluster(), present.epoch() - 1);
      return certified(replica, before, last, true, former);
    }
    boolean vouched =
        record.instance() == Instances.ORDER && record.slot() == 0 && record.kind() == RECOVERED;
    return vouched ? vouched(replica, record) : null;
  }

  private static Claim certified(
      int replica,
      Domain domain,
      KitMessage.CheckpointProof proof,
      boolean ends,
      Predicate<Work> holds) {
    return new Claim(
        replica,
        domain,
        proof.slot(),
        proof.state(),
        ends,
        c ->
            holds.test(
                new Work.VerifyCertificate(
                    KeyPurpose.EXECUTION,
                    domain.checkpoint(c.slot, c.state),
                    proof.certificate())));
  }

  private Claim vouched(int replica, LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    long from = r.u32();
    long slot = r.u64();
    Digest state = r.digest();
    byte[] signature = r.bytes(256);
    Domain begun = settings.domain();
    return new Claim(
        replica,
        new Domain(begun.cluster(), from),
        slot,
        state,
        false,
        c -> administrators.signed(begun.recovery(from, slot, state), signature));
  }
}
