package io.destiny.protocols.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Prepare;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.CommitSig;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The multi-view trap of hybster.md §5.1 and its kin (§8), set by R2, who leads view 2 of O: a host
 * with an honest trusted subsystem that sends what this test makes. O-slot 1 has committed in view
 * 0, at R0 alone, by the votes of R0 and R2; R1 knows nothing of it, and R0 and R1 hear nothing of
 * each other. (The trap of the inherited proposal: {@link ValidationTableTest}.)
 */
class ViewChangeTrapsTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final int O = Instances.ORDER;
  private static final int LIAR = 2;
  private static final Watermark GENESIS = new Watermark(0, new byte[0]);

  private final ProtocolEntry destiny = Catalog.find("destiny").orElseThrow();
  private final WorldOptions options =
      WorldOptions.of(new QuorumRule(3, FaultModel.HYBRID), destiny::create, destiny::codec);
  private final World world = World.of(options);
  private final Domain domain = world.ledger().domain();
  private final MessageCodec codec = destiny.codec(options.settings(LIAR));
  private final List<Message> fromOne = new ArrayList<>();
  private final List<Long> entered = new ArrayList<>();
  private @Nullable Prepare first;

  private ViewChangeTrapsTest() {
    Oracles.on(world, Set.of(0, 1));
    world.listen(
        new TraceListener() {
          @Override
          public void effect(int replica, long number, Effect effect) {
            if (replica == 1
                && effect instanceof Effect.Note(Effect.Event.Entered e)
                && e.instance() == O) {
              entered.add(e.view());
            }
          }

          @Override
          public void sent(int from, int to, Frame frame) {
            Message m = frame.message();
            if (from == 1 && to == LIAR && m != null) {
              fromOne.add(m);
            } else if (to == LIAR) {
              first = first == null && m instanceof Prepare p && p.instance() == O ? p : first;
            }
          }
        });
    world.start();
    world.crash(LIAR);
    // R0 and R1 hear nothing of each other in O.
    world
        .network()
        .filter((from, to, frame) -> to == LIAR || !frame.name().startsWith("O.") || from == LIAR);
  }

  private void tell(int to, Message m) {
    world.inject(LIAR, to, Frame.forged("O." + m.kind(), codec.encode(m, LIAR)));
  }

  private Result call(TrustedCall call) {
    return world.enclave(LIAR).call(List.of(call)).getFirst();
  }

  private Result.Shared signs(long view, long slot, Digest value) {
    Digest statement = domain.proposal(O, view, slot, value);
    return (Result.Shared)
        call(
            new TrustedCall.IndependentShare(
                O, Counters.ORDER, Counters.encode(view, slot), statement));
  }

  private ContinuingCertificate moves(long from, long to, Digest message) {
    TrustedCall call = new TrustedCall.Continuing(O, Counters.ORDER, from, to, message);
    return ((Result.Continued) call(call)).certificate();
  }

  private Share complaint(int replica, long view, long target) {
    Work sign = new Work.SignExecution(domain.complaint(O, view, target));
    return ((Result.Signed) world.crypto(replica).run(sign)).share();
  }

  /** R1 complains of this view; with R2's word it leaves. */
  private void leave(long view) {
    assertThat(world.runUntil(() -> said(HybridMessage.Complain.class, view) != null, 20 * SECOND))
        .as("R1 complains of view %d", view)
        .isTrue();
    tell(
        1,
        new HybridMessage.Complain(
            O, view, view + 1, Suspicion.ORDERING, 0, complaint(LIAR, view, view + 1)));
    world.run(SECOND);
    assertThat(said(HybridMessage.ViewChange.class, view + 1)).isNotNull();
  }

  private Certificate proof(int other, long view, long target) {
    byte[] statement = domain.complaint(O, view, target);
    List<Share> shares = List.of(complaint(other, view, target), complaint(LIAR, view, target));
    Work combine = new Work.Combine(KeyPurpose.EXECUTION, statement, shares);
    return ((Result.Combined) new GhostCrypto(world.ledger(), -1).run(combine)).certificate();
  }

  /** What R1 said last of this kind and view. */
  private <T extends HybridMessage> @Nullable T said(Class<T> type, long view) {
    return fromOne.reversed().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .filter(m -> m.instance() == O && m.view() == view)
        .findFirst()
        .orElse(null);
  }

  private Prepare first() {
    return Objects.requireNonNull(first);
  }

  /** The body that shows O-slot 1, or an empty one. */
  private Body body(boolean shows) {
    NewView.Old old = new NewView.Old(first().header().value(), first().header().attestation());
    return new Body(1, shows ? List.of(old) : List.of());
  }

  private Digest digest(Body body) {
    Writer w = domain.begin(StatementKind.VIEW_CHANGE_BODY, O, 0, body.first());
    HybridCodec.encode(body, w);
    return Digest.of(w.toBytes());
  }

  private ViewChangeHeader header(
      long target, boolean shows, List<ViewChangeHeader.Link> chain, long from, long to) {
    return header(target, target - 1, proof(1, target - 1, target), shows, chain, from, to);
  }

  private ViewChangeHeader header(
      long target,
      long complaint,
      Certificate proof,
      boolean shows,
      List<ViewChangeHeader.Link> chain,
      long from,
      long to) {
    Digest digest =
        ViewChangeHeader.digest(
            domain, O, LIAR, target, complaint, proof, GENESIS, digest(body(shows)), chain);
    return new ViewChangeHeader(
        O,
        LIAR,
        target,
        complaint,
        proof,
        GENESIS,
        digest(body(shows)),
        chain,
        moves(from, to, digest));
  }

  /** How R2 comes to view 2, and what it says of that. */
  private enum Way {
    /** All of it. */
    HONEST,
    /** Without the certificate of its way from view 0 to view 1. */
    CHAIN_HIDDEN,
    /** After its trusted subsystem has signed junk in view 1. */
    JUMPED,
    /** With a certificate that moves nothing. */
    STANDING,
    /** With the right certificates over a body that shows nothing. */
    BODY_EMPTY
  }

  private static final long VIEW_1 = Counters.encode(1, 0);
  private static final long VIEW_2 = Counters.encode(2, 0);

  /** R2's VIEW-CHANGE for view 2; the one for view 1 was honest. */
  private ViewChangeHeader second(Way way, ViewChangeHeader one) {
    ViewChangeHeader.Link link = new ViewChangeHeader.Link(one.certificate(), one.digest(domain));
    return switch (way) {
      case HONEST -> header(2, true, List.of(link), VIEW_1, VIEW_2);
      case CHAIN_HIDDEN -> header(2, false, List.of(), VIEW_1, VIEW_2);
      case BODY_EMPTY -> header(2, false, List.of(link), VIEW_1, VIEW_2);
      case JUMPED -> {
        signs(1, 3, digest(body(false)));
        yield header(2, false, List.of(), Counters.encode(1, 3), VIEW_2);
      }
      case STANDING -> {
        moves(VIEW_1, VIEW_2, digest(body(false)));
        yield header(2, false, List.of(), VIEW_2, VIEW_2);
      }
    };
  }

  private void run(Way way) {
    world.client(3).submit(1, "put:a=1");
    assertThat(world.runUntil(() -> first != null, SECOND)).isTrue();
    Digest value = first().header().value();
    Share vote = signs(0, 1, value).share();
    tell(0, new CommitSig(O, 0, 1, value, vote));
    world.run(SECOND);
    assertThat(world.status(0).executed()).isEqualTo(1);
    assertThat(world.status(1).executed()).isZero();

    leave(0);
    // Enough for R1 to wait for a NEW-VIEW(1), which R1 itself cannot make without the body.
    ViewChangeHeader one = header(1, true, List.of(), Counters.encode(0, 1), VIEW_1);
    tell(1, new HybridMessage.ViewChange(one));
    leave(1);

    ViewChangeHeader two = second(way, one);
    ViewChangeHeader correct =
        Objects.requireNonNull(said(HybridMessage.ViewChange.class, 2)).header();
    boolean proposes = way == Way.HONEST;
    NewView.Content content =
        new NewView.Content(
            O,
            2,
            List.of(correct, two),
            two.from(),
            GENESIS,
            new byte[0],
            body(proposes).proposals());
    List<NewView.Signed> signed = new ArrayList<>();
    if (proposes) {
      Result.Shared again = signs(2, 1, value);
      signed.add(new NewView.Signed(again.share().signature(), again.attestation()));
    }
    TrustedCall certify =
        new TrustedCall.IndependentShare(O, Counters.NEW_VIEW, 2, content.digest(domain));
    byte[] attestation = ((Result.Shared) call(certify)).attestation();
    tell(1, new HybridMessage.NewViewMessage(new NewView(content, attestation, signed)));
    world.run(100 * MILLISECOND);
    tell(1, new HybridMessage.Payload(O, 1, first().value()));
    world.run(SECOND);
  }

  /** Else a refusal says nothing. */
  @Test
  void whatIsSaidInFullIsAccepted() {
    run(Way.HONEST);
    assertThat(entered).contains(2L);
    world.run(2 * SECOND);
    assertThat(world.status(1).views()).containsEntry("O", 2L);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HONEST")
  void whoHidesThatItCommittedMakesNoView(Way way) {
    run(way);
    world.run(5 * SECOND);
    assertThat(entered).doesNotContain(2L);
    // The answer that R0 gave stands: nothing else is executed in its place.
    assertThat(world.status(1).executed()).isZero();
  }

  /**
   * Complaints of one view may name two targets (dqbft.md §7). R1 has left for the lower one, where
   * nobody joins it, and follows the proof of the higher one.
   */
  @Test
  void complaintsOfAViewThatWasLeftLeadFurther() {
    world.client(3).submit(1, "put:a=1");
    assertThat(world.runUntil(() -> first != null, SECOND)).isTrue();
    leave(0);
    assertThat(said(HybridMessage.ViewChange.class, 3)).isNull();
    long origin = Counters.encode(0, 0);
    Certificate proof = proof(0, 0, 3);
    tell(
        1,
        new HybridMessage.ViewChange(
            header(3, 0, proof, false, List.of(), origin, Counters.encode(3, 0))));
    world.run(100 * MILLISECOND);
    assertThat(said(HybridMessage.ViewChange.class, 3)).isNotNull();
  }
}
