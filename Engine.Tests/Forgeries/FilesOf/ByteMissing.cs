using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A file lacks its last byte.</summary>
internal sealed class ByteMissing(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "L8";

    /// <inheritdoc/>
    public string Attack => $"the {kind} file lacks its last byte";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Of(scene, kind).Edit(kind, bytes => bytes[..^1]);
}
