package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** R0 is behind and fetches; R1 and R2 serve, or lie. */
class StateTransferTest {
  private static final List<byte[]> APP = List.of(KitFixture.bytes("a0"), KitFixture.bytes("a1"));
  private static final List<byte[]> CLIENTS = List.of(KitFixture.bytes("c0"));
  private static final List<List<Digest>> MANIFEST =
      List.of(
          APP.stream().map(c -> Digest.of(c)).toList(),
          CLIENTS.stream().map(c -> Digest.of(c)).toList());

  private final Settings settings = KitFixture.settings(3, 0);
  private final RecordingTurn turn = new RecordingTurn();
  private final StateTransfer transfer = new StateTransfer(settings, new Checkpoints(settings));
  private final KitMessage.CheckpointProof proof =
      new KitMessage.CheckpointProof(
          8, Checkpoints.state(settings, 8, MANIFEST), KitFixture.certificate());

  private int source() {
    return turn.all(Effect.Send.class).getLast().to();
  }

  private Message last() {
    return turn.all(Effect.Send.class).getLast().message();
  }

  @Test
  void chunksAreVerifiedInstalledAndHandedOver() {
    transfer.begin(proof, turn);
    assertThat(last()).isEqualTo(new KitMessage.GetState(8));
    transfer.onManifest(source(), new KitMessage.Manifest(8, MANIFEST), turn);
    assertThat(last()).isEqualTo(new KitMessage.GetChunks(8, 0, 0, 2));
    int source = source();
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 0, List.of(APP.get(0))), turn);
    assertThat(last()).isEqualTo(new KitMessage.GetChunks(8, 0, 1, 1));
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 1, List.of(APP.get(1))), turn);
    transfer.onChunks(source(), new KitMessage.Chunks(8, 1, 0, CLIENTS), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).hasSize(3);
    assertThat(turn.all(Effect.FinishInstall.class)).hasSize(1);
    StateTransfer.Transferred done = transfer.installed(8);
    assertThat(done).isNotNull();
    assertThat(done.parts().get(1)).isEqualTo(CLIENTS);
    assertThat(transfer.active()).isFalse();
  }

  /** A snapshot of many chunks: peers are asked at once, and what comes early waits its turn. */
  @Test
  void severalPeersAreAskedAtOnceAndChunksAreInstalledInOrder() {
    List<byte[]> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(KitFixture.bytes("chunk " + i));
    }
    Many m = new Many(4, many);
    m.transfer.begin(m.proof, turn);
    m.transfer.onManifest(source(), new KitMessage.Manifest(8, m.manifest), turn);
    Map<Integer, KitMessage.GetChunks> asked = m.asked();
    assertThat(asked).hasSize(3);
    assertThat(asked.values()).extracting(KitMessage.GetChunks::first).contains(0, 16, 32);
    int first = m.peer(0);
    m.transfer.onChunks(m.peer(16), new KitMessage.Chunks(8, 0, 16, many.subList(16, 32)), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).isEmpty();
    m.transfer.onChunks(m.peer(32), new KitMessage.Chunks(8, 0, 32, many.subList(32, 40)), turn);
    m.transfer.onChunks(first, new KitMessage.Chunks(8, 0, 0, many.subList(0, 16)), turn);
    assertThat(turn.all(Effect.InstallChunk.class))
        .extracting(Effect.InstallChunk::chunk)
        .containsExactlyElementsOf(many);
  }

  /** Its range goes to another peer; what came so far stays. */
  @Test
  void aPeerWithAWrongChunkOrNoneIsAskedForNothingMore() {
    List<byte[]> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(KitFixture.bytes("chunk " + i));
    }
    Many m = new Many(4, many);
    m.transfer.begin(m.proof, turn);
    m.transfer.onManifest(source(), new KitMessage.Manifest(8, m.manifest), turn);
    int good = m.peer(0);
    int liar = m.peer(16);
    m.transfer.onChunks(good, new KitMessage.Chunks(8, 0, 0, many.subList(0, 16)), turn);
    m.transfer.onChunks(
        liar, new KitMessage.Chunks(8, 0, 16, List.of(KitFixture.bytes("poison"))), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).hasSize(16);
    assertThat(last()).isEqualTo(new KitMessage.GetChunks(8, 0, 16, 16));
    assertThat(source()).isNotEqualTo(liar);
    m.transfer.onChunks(m.peer(16), new KitMessage.Chunks(8, 0, 16, many.subList(16, 32)), turn);
    // The other one says nothing: after a while its range is somebody else's too.
    int silent = m.peer(32);
    turn.now += m.settings.tuning().fetchDelay();
    m.transfer.onTimer(turn);
    assertThat(m.peer(32)).isEqualTo(good).isNotEqualTo(silent);
    m.transfer.onChunks(m.peer(32), new KitMessage.Chunks(8, 0, 32, many.subList(32, 40)), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).hasSize(40);
    assertThat(turn.all(Effect.BeginInstall.class)).hasSize(1);
  }

  /** Else who sends a chunk just before the patience ends could hold the transfer up for ever. */
  @Test
  void whoSendsLittleAtATimeIsNotPreferred() {
    List<byte[]> many = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      many.add(KitFixture.bytes("chunk " + i));
    }
    Many m = new Many(7, many);
    m.transfer.begin(m.proof, turn);
    m.transfer.onManifest(source(), new KitMessage.Manifest(8, m.manifest), turn);
    int quick = m.peer(32);
    m.transfer.onChunks(quick, new KitMessage.Chunks(8, 0, 32, many.subList(32, 48)), turn);
    for (int range : new int[] {48, 16, 0}) {
      int slow = m.peer(range);
      for (int i = range; i < range + 16; i++) {
        turn.now += settings.tuning().fetchDelay() / 10;
        m.transfer.onChunks(slow, new KitMessage.Chunks(8, 0, i, List.of(many.get(i))), turn);
      }
    }
    assertThat(turn.all(Effect.InstallChunk.class)).hasSize(64);
    assertThat(m.peer(64)).isEqualTo(quick);
  }

  /** Some replicas and one large part. */
  private final class Many {
    final Settings settings;
    final StateTransfer transfer;
    final List<List<Digest>> manifest;
    final KitMessage.CheckpointProof proof;

    Many(int replicas, List<byte[]> chunks) {
      settings = KitFixture.settings(replicas, 0);
      transfer = new StateTransfer(settings, new Checkpoints(settings));
      manifest =
          List.of(
              chunks.stream().map(c -> Digest.of(c)).toList(),
              CLIENTS.stream().map(c -> Digest.of(c)).toList());
      proof =
          new KitMessage.CheckpointProof(
              8, Checkpoints.state(settings, 8, manifest), KitFixture.certificate());
    }

    /** The last request to each peer. */
    Map<Integer, KitMessage.GetChunks> asked() {
      Map<Integer, KitMessage.GetChunks> asked = new TreeMap<>();
      for (Effect.Send s : turn.all(Effect.Send.class)) {
        if (s.message() instanceof KitMessage.GetChunks g) {
          asked.put(s.to(), g);
        }
      }
      return asked;
    }

    /** Who was asked last for the range that begins here. */
    int peer(int first) {
      int found = -1;
      for (Effect.Send s : turn.all(Effect.Send.class)) {
        if (s.message() instanceof KitMessage.GetChunks g && g.first() == first) {
          found = s.to();
        }
      }
      return found;
    }
  }

  @Test
  void aWrongManifestMakesAnotherPeerTheSource() {
    transfer.begin(proof, turn);
    int first = source();
    transfer.onManifest(first, new KitMessage.Manifest(8, List.of(List.of())), turn);
    assertThat(source()).isNotEqualTo(first);
    assertThat(last()).isEqualTo(new KitMessage.GetState(8));
  }

  @Test
  void chunksInTheWrongPlaceOrTooManyAreRefused() {
    transfer.begin(proof, turn);
    transfer.onManifest(source(), new KitMessage.Manifest(8, MANIFEST), turn);
    int source = source();
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 1, List.of(APP.get(1))), turn);
    transfer.onChunks(3 - source, new KitMessage.Chunks(8, 0, 0, APP), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).isEmpty();
    List<byte[]> tooMany = List.of(APP.get(0), APP.get(1), APP.get(1));
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 0, tooMany), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).isEmpty();
    assertThat(source()).isEqualTo(3 - source);
  }

  @Test
  void aSourceThatVanishesIsLeft() {
    transfer.begin(proof, turn);
    int first = source();
    turn.now += settings.tuning().fetchDelay();
    transfer.onTimer(turn);
    int second = source();
    assertThat(second).isNotEqualTo(first);
    // The next one gets more time, since the link may be slow.
    turn.now += settings.tuning().fetchDelay();
    transfer.onTimer(turn);
    assertThat(turn.all(Effect.Send.class)).hasSize(2);
    turn.now += settings.tuning().fetchDelay();
    transfer.onTimer(turn);
    assertThat(turn.all(Effect.Send.class)).hasSize(3);
  }

  @Test
  void servesOneRequestOfAPeerAtATimeAndOnlyWhatExists() {
    Checkpoints checkpoints = new Checkpoints(settings);
    StateServer server = new StateServer(settings, checkpoints);
    checkpoints.taken(8, MANIFEST, new long[3]);
    server.onGetChunks(1, new KitMessage.GetChunks(8, 0, 0, 4), 77, turn);
    server.onGetChunks(1, new KitMessage.GetChunks(8, 0, 0, 4), 78, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(8, 5, 0, 4), 79, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(8, 0, 9, 4), 80, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(9, 0, 0, 4), 81, turn);
    assertThat(turn.all(Effect.ReadChunks.class)).hasSize(1);
    server.onChunksRead(new Input.SnapshotEvent.ChunksRead(77, APP), turn);
    assertThat(turn.sentTo(1)).hasSize(1);
    server.onGetState(1, new KitMessage.GetState(8), turn);
    server.onGetState(1, new KitMessage.GetState(8), turn);
    assertThat(turn.sentTo(1)).as("a manifest is large and rationed").hasSize(2);
  }
}
