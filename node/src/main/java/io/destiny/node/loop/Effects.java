package io.destiny.node.loop;

import io.destiny.core.machine.Effect;

/** Brings each effect that leaves the loop to whoever carries it out. */
final class Effects implements Outlet {
  private final Network network;
  private final Replies replies;
  private final TrustedLane trusted;
  private final ExecutionLane execution;

  Effects(Network network, Replies replies, TrustedLane trusted, ExecutionLane execution) {
    this.network = network;
    this.replies = replies;
    this.trusted = trusted;
    this.execution = execution;
  }

  @Override
  public void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Send send -> network.send(send.to(), send.message());
      case Effect.Broadcast broadcast -> network.broadcast(broadcast.message());
      case Effect.Answer answer -> replies.answer(answer.reply());
      case Effect.Trusted call -> trusted.submit(call);
      case Effect.Execute _,
          Effect.TakeSnapshot _,
          Effect.DropSnapshots _,
          Effect.ReadChunks _,
          Effect.BeginInstall _,
          Effect.InstallChunk _,
          Effect.FinishInstall _ ->
          execution.submit(effect);
      case Effect.EndEpoch e ->
          throw new HaltException("the epoch is over, epoch " + e.next().epoch() + " follows");
      case Effect.BeginAgain _ -> throw new HaltException("the state of this epoch is there now");
      case Effect.StartTimer _,
          Effect.StopTimer _,
          Effect.Persist _,
          Effect.Forget _,
          Effect.Compute _,
          Effect.Cancel _,
          Effect.Halt _,
          Effect.Note _ ->
          throw new IllegalStateException("stays in the loop: " + effect);
    }
  }

  @Override
  public void flush() {
    network.flush();
    replies.flush();
  }
}
