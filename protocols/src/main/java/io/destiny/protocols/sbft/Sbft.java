package io.destiny.protocols.sbft;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.threephase.Evidence;
import io.destiny.protocols.threephase.Outcome;
import io.destiny.protocols.threephase.ThreePhase;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ViewChange;
import io.destiny.protocols.threephase.Voting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SBFT with c = 0: the family with votes that collectors combine, on two paths. */
public final class Sbft implements ThreePhase {
  @Override
  public FamilyCodec codec() {
    return new SbftCodec();
  }

  @Override
  public Voting voting(ThreePhaseEngine engine) {
    return new Collecting(engine);
  }

  @Override
  public Evidence decode(Reader r) throws MalformedException {
    return SlotEvidence.read(r);
  }

  @Override
  public @Nullable Outcome choose(QuorumRule rule, Digest noop, List<ViewChange> set) {
    return SafeValue.of(rule, noop, set);
  }
}
