using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;

using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Tracing;

/// <summary>A trace in a file: committed values at places that follow from the graph, then an index with everything else that answering a
/// challenge needs. Values are never all in memory: while a run lasts another thread writes them, some MiB behind; then they are read through a
/// map of the file. Until it is complete and on disk the file has another name.</summary>
public sealed class TraceFile : ITraceStore, IDisposable
{
    private const int HeadBytes = 64;
    private const int IndexPlace = 8;
    private const int Alignment = 64;

    private static readonly byte[] Zeros = new byte[Alignment];

    private readonly Dictionary<(int Node, int Slot), (long Start, long Bytes)> _places = [];
    private readonly string _path;
    private readonly string _partial;
    private readonly MappedBytes? _data;
    private readonly BackgroundFile? _writing;
    private readonly long _dataEnd;

    private TraceFile(
        string path, string partial, StatementFile statement, string model, ImmutableArray<Tensor> inputs, MappedBytes? opened, bool isStage = false)
    {
        _path = path;
        _partial = partial;
        Statement = statement;
        Model = model;
        Inputs = inputs;
        _dataEnd = HeadBytes;
        foreach ((GraphRecord record, int node) in statement.Graph.Records.Select((record, node) => (record, node)))
        {
            for (int slot = 0; slot < record.Outputs.Length; slot++)
            {
                if (record.Outputs[slot].Resolution == Resolution.Committed)
                {
                    long bytes = record.Outputs[slot].Type.Bytes;
                    _places[(node, slot)] = (_dataEnd, bytes);
                    _dataEnd += Padded(bytes);
                }
            }
        }

        _data = opened;
        _writing = opened is null ? new BackgroundFile(partial, isStage ? 0 : _dataEnd) : null;
    }

    /// <summary>What was run.</summary>
    public StatementFile Statement { get; }

    /// <summary>The receipt with its trace table; null while the run lasts, and of a stage.</summary>
    public ReceiptFile? Receipt { get; private set; }

    /// <summary>The stage receipt, where only a range of the records was run: then the values are those of the range and those it took in.</summary>
    public StageFile? Stage { get; private set; }

    /// <summary>Name of the model's file.</summary>
    public string Model { get; }

    /// <summary>The inputs.</summary>
    public ImmutableArray<Tensor> Inputs { get; }

    /// <summary>Size of the committed values in the file.</summary>
    public long DataBytes => _dataEnd;

    /// <summary>A file for a run to come.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="statement">What will be run.</param>
    /// <param name="model">Name of the model's file.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="isStage">Whether it is a stage's: values have the same places, but space on the disk is taken only as they come.</param>
    public static TraceFile Create(string path, StatementFile statement, string model, ImmutableArray<Tensor> inputs, bool isStage = false)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return new TraceFile(path, path + ".partial", statement, model, inputs, null, isStage);
    }

    /// <summary>Opens a complete file.</summary>
    /// <returns>False, and why, where the file is not one.</returns>
    public static bool TryOpen(string path, [NotNullWhen(true)] out TraceFile? trace, out string why)
    {
        trace = null;
        if (new FileInfo(path).Length < HeadBytes)
        {
            why = "not a complete trace file";
            return false;
        }

        MappedBytes mapped = MappedBytes.Open(path);
        if (!TryReadIndex(mapped, out ReadOnlyMemory<byte> index, out why))
        {
            mapped.Dispose();
            return false;
        }

        CanonicalReader reader = new(index.Span);
        ReadOnlySpan<byte> statementBytes = reader.Bytes(int.MaxValue);
        ReadOnlySpan<byte> receiptBytes = reader.Bytes(int.MaxValue);
        string model = reader.Text(Limits.NameBytes);
        Tensor[] inputs = new Tensor[reader.Count(reader.U32(), Limits.Values, 6)];
        for (int i = 0; i < inputs.Length && !reader.Failed; i++)
        {
            TensorType type = RecordCodec.ReadType(ref reader);
            ReadOnlySpan<byte> bytes = reader.Bytes(int.MaxValue);
            reader.Require(bytes.Length == type.Bytes, "an input has another size");
            inputs[i] = reader.Failed ? inputs[i] : Tensor.Canonical(type, bytes);
        }

        reader.End();
        why = reader.Why;
        StatementFile? statement = null;
        ReceiptFile? receipt = null;
        StageFile? stage = null;
        bool isRead = !reader.Failed && StatementFile.TryRead(statementBytes, out statement, out why)
            && (FileHeader.KindOf(receiptBytes) == FileKind.Stage
                ? StageFile.TryRead(receiptBytes, out stage, out why)
                : ReceiptFile.TryRead(receiptBytes, out receipt, out why));
        if (isRead)
        {
            trace = new TraceFile(path, path, statement!, model, [.. inputs], mapped) { Receipt = receipt, Stage = stage };
            why = trace._dataEnd != mapped.Length - index.Length ? "its values are not those of its graph"
                : !(receipt?.IsDelivered(statement!) ?? stage!.IsDelivered(statement!)) ? "its receipt is not one for its statement" : string.Empty;
            isRead = why.Length == 0;
        }

        if (!isRead)
        {
            mapped.Dispose();
            trace = null;
        }

        return isRead;
    }

    /// <inheritdoc/>
    public void Write(int node, int slot, ReadOnlySpan<byte> bytes)
    {
        (long start, long size) = _places[(node, slot)];
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, size);
        BackgroundFile file = _writing ?? throw new InvalidOperationException("the trace is complete");
        file.Write(start, bytes);
        file.Write(start + size, Zeros.AsSpan(0, (int)(Padded(size) - size)));
    }

    /// <summary>The bytes of a committed output, from a file that was opened; none where it is not kept, or still being written.</summary>
    public ReadOnlyMemory<byte> Read(int node, int slot) =>
        _data is not null && IsKept(node, slot) && _places.TryGetValue((node, slot), out (long Start, long Bytes) place)
            ? _data.Slice(place.Start, (int)place.Bytes)
            : default;

    /// <summary>Ends the run: index and data reach the disk, then the file gets its name.</summary>
    public void Complete(ReceiptFile receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        Complete(receipt.ToArray());
        Receipt = receipt;
    }

    /// <summary>Ends the run of a stage.</summary>
    public void Complete(StageFile stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        Complete(stage.ToArray());
        Stage = stage;
    }

    /// <summary>Closes the file; one that is not complete is removed.</summary>
    public void Dispose()
    {
        _data?.Dispose();
        _writing?.Dispose();
        if (Receipt is null && Stage is null)
        {
            File.Delete(_partial);
        }
    }

    private bool IsKept(int node, int slot) => Stage is not StageFile stage
        || (stage.Receipt.First <= node && node < stage.Receipt.End)
        || stage.TakenLeaves.Any(taken => OutputLeaf.TryRead(taken.Span, out OutputLeaf? leaf) && (leaf!.Node, leaf.Slot) == (node, slot));

    private void Complete(byte[] receipt)
    {
        BackgroundFile file = _writing ?? throw new InvalidOperationException("the trace is complete");
        CanonicalWriter index = new();
        index.Bytes(Statement.ToArray());
        index.Bytes(receipt);
        index.Text(Model);
        index.U32(Inputs.Length);
        foreach (Tensor input in Inputs)
        {
            RecordCodec.Write(index, input.Type);
            index.Bytes(input.Bytes.Span);
        }

        file.Write(_dataEnd, index.Written);
        CanonicalWriter head = new();
        FileHeader.Write(head, FileKind.Trace);
        byte[] start = new byte[HeadBytes];
        head.Written.CopyTo(start);
        BinaryPrimitives.WriteInt64LittleEndian(start.AsSpan(IndexPlace), _dataEnd);
        file.End(start);
        File.Move(_partial, _path, overwrite: true);
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static bool TryReadIndex(MappedBytes mapped, out ReadOnlyMemory<byte> index, out string why)
    {
        index = default;
        why = "not a complete trace file";
        ReadOnlySpan<byte> head = mapped.Slice(0, HeadBytes).Span;
        long start = BinaryPrimitives.ReadInt64LittleEndian(head[IndexPlace..]);
        long length = mapped.Length - start;
        if (FileHeader.KindOf(head) != FileKind.Trace || start < HeadBytes || length is < 0 or > int.MaxValue)
        {
            return false;
        }

        index = mapped.Slice(start, (int)length);
        why = string.Empty;
        return true;
    }
}
