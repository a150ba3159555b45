package io.destiny.protocols.pbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.threephase.ClaimSets;
import io.destiny.protocols.threephase.CodecChecks;
import io.destiny.protocols.threephase.NewView;
import io.destiny.protocols.threephase.SlotClaim;
import io.destiny.protocols.threephase.ThreePhaseCodec;
import io.destiny.protocols.threephase.ThreePhaseMessage;
import io.destiny.protocols.threephase.ViewChange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the codec writes it reads again, and nothing else. */
class PbftCodecTest {
  private static final Settings SETTINGS =
      new Settings(
          new Domain(new byte[16], 0),
          new QuorumRule(4, FaultModel.BFT),
          0,
          Limits.DEFAULT,
          Settings.Tuning.defaults(1));
  private static final JoinedCodec CODEC =
      new JoinedCodec(
          SETTINGS,
          List.of(
              new Pbft().codec(), new ThreePhaseCodec(4, new DqbftValues(SETTINGS), new Pbft())));
  private static final Batch BATCH =
      Batch.of(
          List.of(
              Request.of(
                  SETTINGS.domain(),
                  1L << 32,
                  1,
                  List.of("put:a=1".getBytes(StandardCharsets.UTF_8)),
                  new byte[64])));
  private static final Digest DIGEST = new Digest(1, 2, 3, 4);

  private static final CodecChecks CHECKS = new CodecChecks(CODEC, all());

  private static byte[] signature(int seed) {
    byte[] bytes = new byte[64];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static ViewChange viewChange() {
    return new ViewChange(
        3,
        7,
        new Watermark(5, new byte[] {1, 2, 3}),
        new byte[] {9},
        new ClaimSets(
            List.of(new SlotClaim(6, DIGEST, 2)),
            List.of(new SlotClaim(6, DIGEST, 4), new SlotClaim(7, DIGEST, 0))),
        List.of(
            new ViewChange.Complaint(0, signature(1)), new ViewChange.Complaint(2, signature(2))),
        signature(3));
  }

  private static NewView newView() {
    return new NewView(
        7,
        List.of(
            new NewView.Reference(0, DIGEST),
            new NewView.Reference(1, DIGEST),
            new NewView.Reference(3, DIGEST)),
        5,
        List.of(DIGEST, BATCH.digest()),
        new byte[] {9, 9},
        signature(4));
  }

  private static List<Message> all() {
    ThreePhaseMessage.Header header =
        new ThreePhaseMessage.Header(3, 9, BATCH.digest(), signature(5));
    return List.of(
        new ThreePhaseMessage.PrePrepare(1, header, BATCH),
        new ThreePhaseMessage.Forward(1, header),
        new PbftMessage.Prepare(1, 3, 9, DIGEST),
        new PbftMessage.Commit(1, 3, 9, DIGEST),
        new PbftMessage.Decided(1, 9, DIGEST),
        new ThreePhaseMessage.Fetch(1, 3, 9, 0x8000_0000_0000_0001L),
        new ThreePhaseMessage.Ask(1, 3, 0, DIGEST),
        new ThreePhaseMessage.Ask(1, 0, 9, DIGEST),
        new ThreePhaseMessage.Payload(1, 9, BATCH),
        new ThreePhaseMessage.ViewChangeMessage(1, viewChange()),
        new ThreePhaseMessage.NewViewMessage(1, newView()),
        new ThreePhaseMessage.Complain(1, 8, signature(6)));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws MalformedException {
    CHECKS.whatIsWrittenIsReadAgain();
  }

  @Test
  void everyPrefixAndEveryTrailingByteIsRefused() {
    CHECKS.everyPrefixAndEveryTrailingByteIsRefused();
  }

  @Test
  void garbageIsRefusedOrIsTheOneEncodingOfAMessage() {
    CHECKS.garbageIsRefusedOrIsTheOneEncodingOfAMessage();
  }

  @Test
  void aSlotOf0IsForThoseWithoutASlotAlone() {
    CodecChecks.aSlotOf0IsRefused(
        CODEC,
        List.of(
            new PbftMessage.Prepare(1, 3, 0, DIGEST),
            new PbftMessage.Commit(1, 3, 0, DIGEST),
            new PbftMessage.Decided(1, 0, DIGEST),
            new ThreePhaseMessage.Payload(1, 0, BATCH)));
  }

  @Test
  void aSignatureCoversAllButItself() {
    Domain domain = SETTINGS.domain();
    ViewChange v = viewChange();
    assertThat(v.signed(signature(8)).statement(domain, 1)).isEqualTo(v.statement(domain, 1));
    assertThat(v.statement(domain, 2)).isNotEqualTo(v.statement(domain, 1));
    assertThat(v.with(List.of()).id(domain, 1)).isNotEqualTo(v.id(domain, 1));
    NewView n = newView();
    assertThat(n.signed(signature(8)).statement(domain, 1)).isEqualTo(n.statement(domain, 1));
    assertThat(n.statement(domain, 2)).isNotEqualTo(n.statement(domain, 1));
  }
}
