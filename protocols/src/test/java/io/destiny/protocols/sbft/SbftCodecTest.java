package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
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
import io.destiny.protocols.threephase.CodecChecks;
import io.destiny.protocols.threephase.NewView;
import io.destiny.protocols.threephase.ThreePhaseCodec;
import io.destiny.protocols.threephase.ThreePhaseMessage;
import io.destiny.protocols.threephase.ViewChange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the codec writes it reads again, and nothing else. */
class SbftCodecTest {
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
              new Sbft().codec(), new ThreePhaseCodec(4, new DqbftValues(SETTINGS), new Sbft())));
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

  private static final Share SHARE = new Share(1, new byte[48]);
  private static final Certificate CERTIFICATE = new Certificate(new byte[48], new byte[] {15});
  private static final CommitProof FAST = new CommitProof(2, DIGEST, CERTIFICATE, null);
  private static final CommitProof SLOW = new CommitProof(2, DIGEST, CERTIFICATE, CERTIFICATE);
  private static final PrepareCertificate PREPARED = new PrepareCertificate(2, DIGEST, CERTIFICATE);
  private static final SlotEvidence.Accepted ACCEPTED = new SlotEvidence.Accepted(2, DIGEST);
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
        new SlotEvidence(
            List.of(
                new SlotEvidence.Entry(6, FAST, null, null),
                new SlotEvidence.Entry(7, SLOW, null, null),
                new SlotEvidence.Entry(8, null, PREPARED, null),
                new SlotEvidence.Entry(9, null, PREPARED, ACCEPTED),
                new SlotEvidence.Entry(11, null, null, ACCEPTED))),
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
        new SbftMessage.SignShare(1, 3, 9, DIGEST, SHARE),
        new SbftMessage.PrepareProof(1, 3, 9, DIGEST, CERTIFICATE),
        new SbftMessage.CommitShare(1, 3, 9, DIGEST, SHARE),
        new SbftMessage.FullCommitProof(1, 9, FAST),
        new SbftMessage.FullCommitProof(1, 9, SLOW),
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
            new SbftMessage.SignShare(1, 3, 0, DIGEST, SHARE),
            new SbftMessage.PrepareProof(1, 3, 0, DIGEST, CERTIFICATE),
            new SbftMessage.CommitShare(1, 3, 0, DIGEST, SHARE),
            new SbftMessage.FullCommitProof(1, 0, SLOW),
            new ThreePhaseMessage.Payload(1, 0, BATCH)));
  }
}
