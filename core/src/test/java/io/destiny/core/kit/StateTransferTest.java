package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import java.util.List;
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
    int source = source();
    transfer.onManifest(source, new KitMessage.Manifest(8, MANIFEST), turn);
    assertThat(last()).isEqualTo(new KitMessage.GetChunks(8, 0, 0));
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 0, List.of(APP.get(0))), turn);
    assertThat(last()).isEqualTo(new KitMessage.GetChunks(8, 0, 1));
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 1, List.of(APP.get(1))), turn);
    transfer.onChunks(source, new KitMessage.Chunks(8, 1, 0, CLIENTS), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).hasSize(3);
    assertThat(turn.all(Effect.FinishInstall.class)).hasSize(1);
    StateTransfer.Transferred done = transfer.installed(8);
    assertThat(done).isNotNull();
    assertThat(done.parts().get(1)).isEqualTo(CLIENTS);
    assertThat(transfer.active()).isFalse();
  }

  @Test
  void aWrongManifestOrChunkMakesAnotherPeerTheSource() {
    transfer.begin(proof, turn);
    int first = source();
    transfer.onManifest(first, new KitMessage.Manifest(8, List.of(List.of())), turn);
    int second = source();
    assertThat(second).isNotEqualTo(first);
    transfer.onManifest(second, new KitMessage.Manifest(8, MANIFEST), turn);
    transfer.onChunks(
        second, new KitMessage.Chunks(8, 0, 0, List.of(KitFixture.bytes("poison"))), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).isEmpty();
    assertThat(source()).isEqualTo(first);
    assertThat(last()).isEqualTo(new KitMessage.GetState(8));
  }

  @Test
  void chunksInTheWrongPlaceOrTooManyAreRefused() {
    transfer.begin(proof, turn);
    int source = source();
    transfer.onManifest(source, new KitMessage.Manifest(8, MANIFEST), turn);
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 1, List.of(APP.get(1))), turn);
    transfer.onChunks(3 - source, new KitMessage.Chunks(8, 0, 0, APP), turn);
    assertThat(turn.all(Effect.InstallChunk.class)).isEmpty();
    List<byte[]> tooMany = List.of(APP.get(0), APP.get(1), APP.get(1));
    transfer.onChunks(source, new KitMessage.Chunks(8, 0, 0, tooMany), turn);
    assertThat(last()).isEqualTo(new KitMessage.GetState(8));
  }

  @Test
  void aSourceThatVanishesIsLeft() {
    transfer.begin(proof, turn);
    int first = source();
    transfer.onTimer(turn);
    assertThat(source()).isNotEqualTo(first);
  }

  @Test
  void servesOneRequestOfAPeerAtATimeAndOnlyWhatExists() {
    Checkpoints checkpoints = new Checkpoints(settings);
    StateTransfer server = new StateTransfer(settings, checkpoints);
    checkpoints.taken(8, MANIFEST, new long[3]);
    server.onGetChunks(1, new KitMessage.GetChunks(8, 0, 0), 77, turn);
    server.onGetChunks(1, new KitMessage.GetChunks(8, 0, 0), 78, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(8, 5, 0), 79, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(8, 0, 9), 80, turn);
    server.onGetChunks(2, new KitMessage.GetChunks(9, 0, 0), 81, turn);
    assertThat(turn.all(Effect.ReadChunks.class)).hasSize(1);
    server.onChunksRead(new Input.SnapshotEvent.ChunksRead(77, APP), turn);
    assertThat(turn.sentTo(1)).hasSize(1);
    server.onGetState(1, new KitMessage.GetState(8), turn);
    server.onGetState(1, new KitMessage.GetState(8), turn);
    assertThat(turn.sentTo(1)).as("a manifest is large and rationed").hasSize(2);
  }
}
