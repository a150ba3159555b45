package io.destiny.protocols.threephase;

import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import java.util.List;

/**
 * What a set of valid VIEW-CHANGEs for one view decides.
 *
 * @param base the highest proven watermark
 * @param chosen the digests of the slots above it, without gaps, up to the last one that the rules
 *     choose
 */
public record Outcome(Watermark base, List<Digest> chosen) {}
