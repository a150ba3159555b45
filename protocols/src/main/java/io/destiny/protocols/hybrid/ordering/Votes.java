package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import java.util.List;

/** How the votes of one instance travel and are counted, up to the commit. */
public interface Votes {
  /** A message of the engine's own, about a slot of the window, that is no commit. */
  void onMessage(int from, OrderingMessage message, Port port);

  /** The slot has its certified proposal now, which is its leader's vote. */
  void proposed(OrderingSlot slot);

  /** Looks whether the votes for the slot's proposal suffice. */
  void count(OrderingSlot slot, Port port);

  /** This replica's vote is made: sends it. */
  void vote(OrderingSlot slot, Port port);

  /** This replica's vote is made and all have it, since it is a proposal. */
  void voted(OrderingSlot slot, Port port);

  /** T_col of a slot. */
  void onTimer(long slot, Port port);

  /** STATUS: a peer gets the stored votes that it needs. */
  void answerStatus(int to, Progress progress, Port port);

  /** A peer's commit is valid, and the first of its slot. */
  void delivered(OrderingSlot slot, int from, Port port);

  /** A commit comes while another of its slot is being checked, or after one was. */
  void repeated(OrderingSlot slot, CommitCertificate commit, int from, Port port);

  /** Another view is entered: the votes of the last one are of no use. */
  void entered();

  /** The low watermark has moved up. */
  void advance(long low);

  /** Whose votes for the slot's proposal are held. */
  List<Integer> voters(OrderingSlot slot);
}
