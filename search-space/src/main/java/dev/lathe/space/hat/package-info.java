/**
 * The search spaces of HAT: encoder-decoder transformers for translation, elastic in width, decoder depth, and each layer's
 * feed-forward width, heads and attention to the encoder. Start with {@link HatSpace}.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT: Hardware-Aware Transformers for Efficient Natural Language
 *     Processing, ACL 2020</a>
 */
@NullMarked
package dev.lathe.space.hat;

import org.jspecify.annotations.NullMarked;
