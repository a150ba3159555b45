package io.destiny.sim.fault;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.World;
import java.util.Arrays;
import java.util.List;

/**
 * Signs changed messages of one replica with that replica's own keys and its own trusted subsystem,
 * which refuses what it would refuse any host.
 */
public final class Resigner {
  private final World world;
  private final int replica;
  private final Domain domain;

  public Resigner(World world, int replica) {
    this(world, replica, world.ledger().domain());
  }

  private Resigner(World world, int replica, Domain domain) {
    this.world = world;
    this.replica = replica;
    this.domain = domain;
  }

  /** Signs with the same keys what messages of another cluster say. */
  Resigner inAnotherCluster() {
    byte[] cluster = domain.cluster();
    cluster[0] ^= 1;
    return new Resigner(world, replica, new Domain(cluster, domain.epoch()));
  }

  private record Head(int instance, long view, long slot) {}

  private static Head head(Reader r) throws MalformedException {
    r.u16();
    int instance = r.u16();
    r.u32();
    Head head = new Head(instance, r.u32(), r.u64());
    r.u32();
    return head;
  }

  /** Puts a fresh signature into a message of this kind, where it has one of this replica. */
  public void again(String kind, byte[] bytes) {
    boolean signs = world.options().rule().model() == FaultModel.BFT;
    switch (kind) {
      case "Prepare" -> {
        if (!signs) {
          proposal(bytes);
        }
      }
      case "CommitSig" -> vote(bytes);
      case "SignShare" -> share(kind, StatementKind.ACCEPTED_PROPOSAL, bytes);
      case "CommitShare" -> share(kind, StatementKind.PREPARED_PROPOSAL, bytes);
      case "ExecSig" -> execution(bytes);
      case "CheckpointSig" -> checkpoint(bytes);
      case "PrePrepare" -> header(bytes);
      case "ViewChange" -> whole(StatementKind.SIGNED_VIEW_CHANGE, bytes);
      case "NewView" -> whole(StatementKind.SIGNED_NEW_VIEW, bytes);
      default -> {}
    }
  }

  /** F1 for a proposal or vote, in the form that the message has a place for. */
  private Result certified(Head head, Digest value, byte[] bytes) {
    if (head.view >= Counters.VIEW_LIMIT || head.slot < 0 || head.slot >= Counters.SLOT_LIMIT) {
      return new Result.Refused(Result.Refusal.OUT_OF_RANGE, 0);
    }
    Digest statement = domain.proposal(head.instance, head.view, head.slot, value);
    long counter = Counters.encode(head.view, head.slot);
    TrustedCall call =
        Layout.withoutShare(bytes)
            ? new TrustedCall.IndependentSignature(
                head.instance, Counters.ORDER, counter, statement)
            : new TrustedCall.IndependentShare(head.instance, Counters.ORDER, counter, statement);
    return world.enclave(replica).call(List.of(call)).getFirst();
  }

  /** Prepare: digest, share if any, attestation. */
  void proposal(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      if (certified(head, r.digest(), bytes) instanceof Result.Certified c) {
        if (c instanceof Result.Shared s) {
          System.arraycopy(s.share().signature(), 0, bytes, Layout.BODY + 32, 48);
        }
        System.arraycopy(c.attestation(), 0, bytes, Layout.payload(bytes) - 64, 64);
      }
    } catch (MalformedException | ArrayIndexOutOfBoundsException e) {
      // cut too short to have a place for it
    }
  }

  /** PrePrepare: digest, signature. */
  void header(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      byte[] statement =
          domain
              .begin(StatementKind.PRE_PREPARE, head.instance, head.view, head.slot)
              .digest(r.digest())
              .toBytes();
      Layout.put(
          bytes, Layout.BODY + Layout.DIGEST_BYTES, new Writer(64).raw(signature(statement)));
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  /** A message whose whole content is signed, with its signature at the end. */
  private void whole(StatementKind kind, byte[] bytes) {
    int end = bytes.length - 64;
    if (end < Layout.BODY || world.options().rule().model() != FaultModel.BFT) {
      return;
    }
    try {
      Head head = head(new Reader(bytes));
      byte[] statement =
          domain
              .begin(kind, head.instance, head.view, head.slot)
              .digest(Digest.of(Arrays.copyOfRange(bytes, Layout.BODY, end)))
              .toBytes();
      Layout.put(bytes, end, new Writer(64).raw(signature(statement)));
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  private void vote(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      if (certified(head, r.digest(), bytes) instanceof Result.Certified c) {
        put(
            bytes,
            "CommitSig",
            c instanceof Result.Shared s ? s.share().signature() : c.attestation());
      }
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  /** SBFT's votes: digest, share. */
  private void share(String kind, StatementKind says, byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      byte[] statement =
          domain.begin(says, head.instance, head.view, head.slot).digest(r.digest()).toBytes();
      put(bytes, kind, share(world, replica, statement).signature());
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  private void execution(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      byte[] statement = domain.execution(head.instance, head.slot, r.u64(), r.digest());
      put(bytes, "ExecSig", share(world, replica, statement).signature());
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  private void checkpoint(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      Head head = head(r);
      byte[] statement = domain.checkpoint(head.slot, r.digest());
      put(bytes, "CheckpointSig", share(world, replica, statement).signature());
    } catch (MalformedException e) {
      // cut too short to have a place for it
    }
  }

  private static void put(byte[] bytes, String kind, byte[] signature) {
    int at = Layout.share(kind);
    if (at + signature.length <= bytes.length) {
      System.arraycopy(signature, 0, bytes, at, signature.length);
    }
  }

  /** A π share of a replica on any statement: its host holds that key itself. */
  static Share share(World world, int replica, byte[] statement) {
    return ((Result.Signed) world.crypto(replica).run(new Work.SignExecution(statement))).share();
  }

  private byte[] signature(byte[] statement) {
    return ((Result.Signature) world.crypto(replica).run(new Work.SignReplica(statement))).bytes();
  }
}
