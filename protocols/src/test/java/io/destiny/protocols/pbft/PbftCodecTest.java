package io.destiny.protocols.pbft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.destiny.protocols.threephase.NewView;
import io.destiny.protocols.threephase.SlotClaim;
import io.destiny.protocols.threephase.ViewChange;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the codec writes it reads again, and nothing else. */
class PbftCodecTest {
  private static final int SENDER = 2;
  private static final Settings SETTINGS =
      new Settings(
          new Domain(new byte[16], 0),
          new QuorumRule(4, FaultModel.BFT),
          0,
          Limits.DEFAULT,
          Settings.Tuning.defaults(1));
  private static final JoinedCodec CODEC =
      new JoinedCodec(SETTINGS, List.of(new PbftCodec(4, new DqbftValues(SETTINGS))));
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
        List.of(new SlotClaim(6, DIGEST, 2)),
        List.of(new SlotClaim(6, DIGEST, 4), new SlotClaim(7, DIGEST, 0)),
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
    PbftMessage.Header header = new PbftMessage.Header(3, 9, BATCH.digest(), signature(5));
    return List.of(
        new PbftMessage.PrePrepare(1, header, BATCH),
        new PbftMessage.Forward(1, header),
        new PbftMessage.Prepare(1, 3, 9, DIGEST),
        new PbftMessage.Commit(1, 3, 9, DIGEST),
        new PbftMessage.Decided(1, 9, DIGEST),
        new PbftMessage.Fetch(1, 3, 9, 0x8000_0000_0000_0001L),
        new PbftMessage.Ask(1, 3, 0, DIGEST),
        new PbftMessage.Ask(1, 0, 9, DIGEST),
        new PbftMessage.Payload(1, 9, BATCH),
        new PbftMessage.ViewChangeMessage(1, viewChange()),
        new PbftMessage.NewViewMessage(1, newView()),
        new PbftMessage.Complain(1, 8, signature(6)));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws MalformedException {
    for (Message m : all()) {
      byte[] bytes = CODEC.encode(m, SENDER);
      assertThat(bytes).as(m.kind()).hasSize(m.wireSize());
      Message read = CODEC.decode(bytes, SENDER);
      assertThat(read).as(m.kind()).hasSameClassAs(m);
      assertThat(CODEC.encode(read, SENDER)).as(m.kind()).isEqualTo(bytes);
    }
  }

  @Test
  void everyPrefixAndEveryTrailingByteIsRefused() {
    for (Message m : all()) {
      byte[] bytes = CODEC.encode(m, SENDER);
      for (int length = 0; length < bytes.length; length++) {
        byte[] prefix = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> CODEC.decode(prefix, SENDER))
            .as("%s, %d bytes", m.kind(), length)
            .isInstanceOf(MalformedException.class);
      }
      assertThatThrownBy(() -> CODEC.decode(Arrays.copyOf(bytes, bytes.length + 1), SENDER))
          .isInstanceOf(MalformedException.class);
    }
  }

  /** No bytes throw anything else; what is accepted has just one encoding. */
  @Test
  void garbageIsRefusedOrIsTheOneEncodingOfAMessage() {
    SplittableRandom random = new SplittableRandom(1);
    int accepted = 0;
    for (Message m : all()) {
      byte[] bytes = CODEC.encode(m, SENDER);
      for (int i = 0; i < 3_000; i++) {
        byte[] changed = bytes.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        try {
          Message read = CODEC.decode(changed, SENDER);
          assertThat(CODEC.encode(read, SENDER)).isEqualTo(changed);
          accepted++;
        } catch (MalformedException e) {
          // refused
        }
      }
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void aSlotOf0IsForThoseWithoutASlotAlone() {
    for (Message m :
        List.of(
            new PbftMessage.Prepare(1, 3, 0, DIGEST),
            new PbftMessage.Commit(1, 3, 0, DIGEST),
            new PbftMessage.Decided(1, 0, DIGEST),
            new PbftMessage.Payload(1, 0, BATCH))) {
      assertThatThrownBy(() -> CODEC.decode(CODEC.encode(m, SENDER), SENDER))
          .as(m.kind())
          .isInstanceOf(MalformedException.class);
    }
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
