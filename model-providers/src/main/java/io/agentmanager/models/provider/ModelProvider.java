package io.agentmanager.models.provider;

/** Who answers model calls. */
public enum ModelProvider {
  /** Nobody: fixed rules take the place of models, and say so. */
  NONE,
  /** OpenAI, and everything that speaks its protocol at another base URL. */
  OPENAI,
  ANTHROPIC,
  OLLAMA
}
