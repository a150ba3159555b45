package io.destiny.core.composition;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.Checkpoints;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What proves an instance's low watermark in a VIEW-CHANGE: one checkpoint certificate serves all
 * N+1 instances (dqbft.md §8). For O, and for each other pillar: k, D, certificate. For D_n: k,
 * certificate, the roots of the checkpoint's parts, and the path from exec_n to the root of
 * exec[·].
 */
public final class Watermarks {
  /** Which part of a checkpoint is exec[·]; part 0 is the application's. */
  private static final int EXECUTED = 2;

  private static final int MOST_ROOTS = 8;
  private static final int MOST_STEPS = 16;

  /** What a proof says. */
  private record Claim(KitMessage.CheckpointProof proof, boolean leads) {}

  private final Settings settings;
  private final Checkpoints checkpoints;
  private final Supplier<Genesis> genesis;

  public Watermarks(Settings settings, Checkpoints checkpoints, Supplier<Genesis> genesis) {
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.genesis = genesis;
  }

  private long first(int instance) {
    return genesis.get().low(Instances.orders(instance) ? settings.n() : instance);
  }

  /** The chunk that says exec_n in a checkpoint, as {@link CheckpointParts#encode} writes it. */
  private static Digest leaf(int n, long slot) {
    return Digest.of(new Writer(16).u16(n).u64(slot).toBytes());
  }

  /**
   * The newest one that this replica can prove.
   *
   * @param low the instance's h, which is that of the newest stable checkpoint held here
   */
  public Watermark of(int instance, long low) {
    KitMessage.CheckpointProof proof = checkpoints.stableProof();
    Watermark first = new Watermark(first(instance), new byte[0]);
    if (low == first.slot() || proof == null) {
      return first;
    }
    Writer w = new Writer(512).u64(proof.slot());
    if (Instances.orders(instance)) {
      proof.certificate().encode(w.digest(proof.state()));
      return new Watermark(proof.slot(), w.toBytes());
    }
    Checkpoints.Own own = checkpoints.own(proof.slot());
    if (own == null) {
      return first;
    }
    proof.certificate().encode(w);
    w.u8(own.parts().size());
    for (List<Digest> part : own.parts()) {
      w.digest(MerkleTree.root(part));
    }
    List<Digest> path = MerkleTree.path(MerkleTree.levels(own.parts().get(EXECUTED)), instance);
    w.u8(path.size());
    path.forEach(w::digest);
    return new Watermark(own.executed()[instance], w.toBytes());
  }

  /** Whether a watermark is proven. */
  public Validity check(int instance, Watermark watermark) {
    if (watermark.slot() <= first(instance)) {
      return watermark.slot() == first(instance) && watermark.proof().length == 0
          ? new Validity.Valid()
          : new Validity.Invalid(DropReason.INVALID);
    }
    Claim claim = read(instance, watermark);
    if (claim == null || !claim.leads) {
      return new Validity.Invalid(DropReason.INVALID);
    }
    KitMessage.CheckpointProof known = checkpoints.stableProof();
    if (claim.proof.equals(known)) {
      return new Validity.Valid();
    }
    return Checkpoints.verify(settings, claim.proof);
  }

  /** The checkpoint certificate in a proof; null if there is none. */
  public KitMessage.@Nullable CheckpointProof certificate(int instance, Watermark watermark) {
    Claim claim = watermark.proof().length == 0 ? null : read(instance, watermark);
    return claim == null ? null : claim.proof;
  }

  private @Nullable Claim read(int instance, Watermark watermark) {
    try {
      Reader r = new Reader(watermark.proof());
      long k = r.u64();
      if (k <= 0) {
        return null;
      }
      if (Instances.orders(instance)) {
        Digest state = r.digest();
        Certificate certificate = Certificate.decode(r);
        r.end();
        return new Claim(
            new KitMessage.CheckpointProof(k, state, certificate), k == watermark.slot());
      }
      Certificate certificate = Certificate.decode(r);
      List<Digest> roots = digests(r, MOST_ROOTS);
      List<Digest> path = digests(r, MOST_STEPS);
      r.end();
      Digest root =
          MerkleTree.rootOf(leaf(instance, watermark.slot()), instance, settings.n(), path);
      boolean leads = roots.size() > EXECUTED && roots.get(EXECUTED).equals(root);
      Digest state = settings.domain().checkpointState(k, roots);
      return new Claim(new KitMessage.CheckpointProof(k, state, certificate), leads);
    } catch (MalformedException e) {
      return null;
    }
  }

  private static List<Digest> digests(Reader r, int most) throws MalformedException {
    int count = r.u8();
    if (count > most) {
      throw new MalformedException("too many digests");
    }
    List<Digest> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(r.digest());
    }
    return all;
  }
}
