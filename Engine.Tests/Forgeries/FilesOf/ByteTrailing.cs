using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A byte follows a file.</summary>
internal sealed class ByteTrailing(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "L8";

    /// <inheritdoc/>
    public string Attack => $"a byte follows the {kind} file";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "trailing bytes";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Of(scene, kind).Edit(kind, bytes => [.. bytes, 0]);
}
