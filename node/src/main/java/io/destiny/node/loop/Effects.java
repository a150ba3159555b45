package io.destiny.node.loop;

import io.destiny.core.machine.Effect;
import io.destiny.node.Ending;
import java.util.function.Consumer;

/** Brings each effect that leaves the loop to whoever carries it out. */
final class Effects implements Outlet {
  private final Network network;
  private final Replies replies;
  private final TrustedLane trusted;
  private final ExecutionLane execution;
  private final Consumer<Ending> leave;

  Effects(ReplicaLoop.Ways ways, TrustedLane trusted, ExecutionLane execution) {
    this.network = ways.network();
    this.replies = ways.replies();
    this.leave = ways.leave();
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
      case Effect.EndEpoch over ->
          leave.accept(new Ending.EpochOver(over.slot(), over.next(), over.carried()));
      case Effect.BeginAgain _ -> leave.accept(new Ending.BeginAgain());
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
