using VerifiableCompute.Bench.Functions;
using VerifiableCompute.Bench.Hashing;
using VerifiableCompute.Bench.Micro;
using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Protocol;
using VerifiableCompute.Bench.Speed;

string verb = args.Length > 0 ? args[0] : string.Empty;
string filter = args.Length > 1 ? args[1] : string.Empty;
switch (verb)
{
    case "oracle":
        return OracleRun.Run(filter);
    case "speed":
        return SpeedRun.Run(filter);
    case "functions":
        return FunctionRun.Run(args[1..]);
    case "hash":
        return HashRun.Run();
    case "protocol":
        return ProtocolRun.Run(filter);
    case "layers":
        return LayerRun.Run(args[1..]);
    case "ops":
        return OpRun.Run(filter);
    case "micro":
        return MicroRun.Run(args[1..]);
    default:
        Console.Error.WriteLine("usage: bench oracle|speed|functions|hash|protocol|layers|ops|micro [FILTER]");
        return 64;
}
